"""`python -m goodword` is `goodword`."""

from goodword.ops.cli import main

if __name__ == "__main__":
    main()
