"""The frame of every page."""

import re

from runner.results.figures.bokeh_axes import text
from runner.results.page.shell import render_page


def page(tmp_path, body, **values):
    template = tmp_path / "page.html.jinja"
    template.write_text('{% extends "base.html.jinja" %}{% block body %}' + body + "{% endblock %}")
    return render_page(template, "T", **values)


def test_every_word_of_a_user_is_on_the_page_as_it_is(tmp_path):
    found = page(tmp_path, "<p>{{ words }}</p>", words="@nonce@ <script> {{ 1 }}")
    assert "<p>@nonce@ &lt;script&gt; {{ 1 }}</p>" in found


def test_the_nonce_of_a_page_depends_on_its_content_and_lets_in_its_style(tmp_path):
    nonces = set()
    for words in "ab":
        found = page(tmp_path, "{{ words }}", words=words)
        (policy,), (style,) = re.findall("nonce-(.*?)'", found), re.findall('nonce="(.*?)"', found)
        assert policy == style
        nonces.add(style)
    assert len(nonces) == 2
    assert all(len(nonce) == 32 for nonce in nonces)


def test_nothing_of_a_label_is_read_as_a_formula():
    for words in ("$$a$$", r"\(a\)", r"\[a\]"):
        shown = text(words)
        assert shown.replace("\N{ZERO WIDTH SPACE}", "") == words
        assert not re.search(r"\$\$|\\[()\[\]]", shown)
    assert text(r"a$b \d (c)") == r"a$b \d (c)"
