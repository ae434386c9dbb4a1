"""Planck's law: right, and finite from the coldest to the hottest."""

import math

import pytest
import torch

from runner.errors import RequestError
from runner.models.planck import spectral_radiance

H, C, K = 6.62607015e-34, 299792458.0, 1.380649e-23  # SI, exact since 2019


def in_si(micrometres, kelvin):
    """W/(sr m3), as the law is written in books."""
    wavelength = micrometres * 1e-6
    photons = math.expm1(H * C / (wavelength * K * kelvin))
    return 2 * H * C**2 / wavelength**5 / photons


def kilokelvins(kelvin, dtype=torch.float64):
    return torch.tensor(kelvin / 1000, dtype=dtype)


@pytest.mark.parametrize("kelvin", [300, 3000, 5772, 30_000])
@pytest.mark.parametrize("micrometres", [0.2, 0.5, 3.0])
def test_it_is_the_law_of_the_books(micrometres, kelvin):
    found = spectral_radiance(torch.tensor(micrometres).double(), kilokelvins(kelvin))
    # A kW/(sr m2 nm) is 1e12 W/(sr m3); exponents of up to 240 enlarge rounding of 1e-16, and
    # torch.tensor rounds the wavelength to float32 first.
    wavelength = torch.tensor(micrometres).item()
    assert found.item() == pytest.approx(in_si(wavelength, kelvin) * 1e-12, rel=1e-12)


@pytest.mark.parametrize("kelvin", [3000, 5772])
def test_all_wavelengths_together_follow_stefan_and_boltzmann(kelvin):
    wavelengths = torch.logspace(-1.5, 3.5, 20_001, dtype=torch.float64)
    radiance = torch.trapezoid(spectral_radiance(wavelengths, kilokelvins(kelvin)), wavelengths)
    # kW/(sr m2 nm) times um is MW/(sr m2); the hemisphere has pi sr, weighted by the cosine.
    assert radiance.item() * 1e6 * math.pi == pytest.approx(5.670374419e-8 * kelvin**4, rel=1e-6)


@pytest.mark.parametrize("start", [1.0, 300.0, 5772.0, 30_000.0, 1e6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_radiances_and_gradients_are_finite(start, dtype, build):
    model = build("planck", (1,), 1, start=start).to(dtype)
    wavelengths = torch.linspace(0.2, 3.0, 57, dtype=dtype).unsqueeze(1)
    radiances = model(wavelengths)
    radiances.square().sum().backward()
    assert radiances.isfinite().all() and (radiances >= 0).all()
    assert all(p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("start", [300.0, 30_000.0])
def test_a_gradient_leads_to_the_truth_from_both_sides(start, build):
    model = build("planck", (1,), 1, start=start).float()
    wavelengths = torch.linspace(0.2, 3.0, 57).unsqueeze(1)
    truth = spectral_radiance(wavelengths, torch.tensor(5.772))
    (model(wavelengths) - truth).square().mean().backward()
    (gradient,) = (p.grad.item() for p in model.parameters())
    assert gradient * (start - 5772) > 0


def test_gradients_are_those_of_the_law(build):
    model = build("planck", (1,), 1)
    wavelengths = torch.linspace(0.2, 3.0, 5, dtype=torch.float64).unsqueeze(1)
    parameters = tuple(model.parameters())
    assert torch.autograd.gradcheck(
        lambda p: torch.func.functional_call(model, {"log_kilokelvins": p}, (wavelengths,)),
        parameters,
    )


def test_quantities_are_the_temperatures_in_kelvin(build):
    models = [build("planck", (1,), 1, start=start) for start in (300.0, 4000.0)]
    params = {"log_kilokelvins": torch.stack([m.log_kilokelvins.detach() for m in models])}
    temperatures = models[0].quantities(params)["temperature"]
    # The parameter is made in float32.
    torch.testing.assert_close(
        temperatures, torch.tensor([300.0, 4000.0]).double(), rtol=1e-6, atol=0
    )


def test_stacked_members_equal_each_alone(build):
    models = [build("planck", (1,), 1, start=start) for start in (300.0, 4000.0, 30_000.0)]
    params = {"log_kilokelvins": torch.stack([m.log_kilokelvins.detach() for m in models])}
    inputs = torch.linspace(0.2, 3.0, 7, dtype=torch.float64).unsqueeze(1)
    call = torch.func.vmap(lambda p: torch.func.functional_call(models[0], p, (inputs,)))
    for together, model in zip(call(params), models, strict=True):
        # One product and one exponential in float64.
        torch.testing.assert_close(together, model(inputs), rtol=1e-13, atol=0)


@pytest.mark.parametrize(("inputs", "outputs"), [((2,), 1), ((1,), 2), ((1, 8, 8), 1)])
def test_other_data_is_refused(inputs, outputs, build):
    with pytest.raises(RequestError, match="one wavelength to one radiance"):
        build("planck", inputs, outputs)
