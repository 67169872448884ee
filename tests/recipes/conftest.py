"""Failed comparisons of the houses show both sides."""

import pytest

pytest.register_assert_rewrite("support.houses")
