"""Who trains groups on other machines: Ray and Slurm."""
