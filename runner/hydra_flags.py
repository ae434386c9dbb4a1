"""``--hydra-help``: what is taken of Hydra. Its own page lists flags that are refused here."""

PAGE = """\
What runner takes of Hydra (https://hydra.cc), whose grammar its overrides have.

Flags:
  --help, -h                 runner's own help
  --hydra-help               this page
  --version                  the versions of runner and Hydra
  --multirun, -m             sweep over every combination of the values given
  --cfg, -c job              print the configuration of a run (hydra: Hydra's own
                             part; all: both)
  --resolve                  with --cfg: references filled in
  --package, -p model        with --cfg: this part alone
  --info, -i plugins         print where things were found (config, defaults,
                             defaults-tree, searchpath, all)
  --shell-completion, -sc install=bash
                             print what makes bash complete (uninstall=bash undoes it):
                             eval "$(runner -sc install=bash)"

Keys:
  hydra.run.dir=DIR                    where a run is written
  hydra.sweep.dir=DIR                  where a sweep is written
  hydra.sweeper.skip_missing=true      leave a swept key out where a choice lacks it
  hydra/sweeper=search                 find good values instead of trying all; its
                                       keys: hydra.sweeper.trials and so on, see
                                       docs/search.md
  hydra/sweeper=population             values that change while runs train together,
                                       see docs/population.md
  hydra.launcher.width=auto            runs that train together at most; or a number
  hydra.launcher.workers=auto          processes that share the cores; or a number,
                                       0 for none but this
  hydra.launcher.timeout_min=10        end what completes no step in so many minutes
  hydra/launcher=ray                   train on a cluster; its keys: hydra.launcher.gpus
                                       and so on, see docs/clusters.md
  hydra/launcher=slurm                 the same with Slurm
  hydra/launcher=basic                 one run after another; fused is the default
"""
