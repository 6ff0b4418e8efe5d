"""`./dev bench`: the budgets, measured beside bare programs run in turn. Not part of the installed package."""
