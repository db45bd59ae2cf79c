"""How good a model is: metrics, intervals, baselines, reports; on the splits of an export."""
