"use strict";
// Bokeh makes its own <style> elements; the page's policy lets in those that carry its nonce.
{
  const nonce = document.querySelector("style").nonce;
  const make = document.createElement.bind(document);
  document.createElement = (name, ...rest) => {
    const element = make(name, ...rest);
    if (String(name).toLowerCase() === "style") element.nonce = nonce;
    return element;
  };
}
