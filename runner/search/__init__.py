"""Search: rounds of points that train together and lose their worst, asked of Optuna."""
