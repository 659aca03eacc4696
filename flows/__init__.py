"""The Prefect flows. The only place that knows Prefect; without the decorators they still run."""
