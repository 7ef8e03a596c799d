from small_models import model  # noqa: F401  (a fixture)
