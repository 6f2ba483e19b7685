#!/usr/bin/env python3
"""Makes scalers.json: what scikit-learn's scalers make of two channels. Needs scikit-learn (these come from 1.9)."""
import json, pathlib
import numpy as np
import sklearn
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.pipeline import make_pipeline

rng = np.random.default_rng(9)
training = np.stack([rng.gamma(2.0, 3.0, 11), 1e6 + rng.normal(0, 0.5, 11), np.full(11, 4.25)], axis=1).round(6)
training[3, 0] = np.nan
held_out = np.stack([rng.gamma(2.0, 3.0, 4), 1e6 + rng.normal(0, 2.0, 4), [4.25, 5.0, 3.0, np.nan]], axis=1).round(6)

log = lambda: FunctionTransformer(np.log)
cases = {
    "standard": ("standard", StandardScaler()),
    "min-max": ("minMax", MinMaxScaler()),
    "min-max of a range": ({"kind": "minMax", "range": [-2, 3]}, MinMaxScaler((-2, 3))),
    "robust": ("robust", RobustScaler()),
    "robust of other quantiles": ({"kind": "robust", "quantiles": [0.1, 0.8]}, RobustScaler(quantile_range=(10, 80))),
    "log": ("log", log()),
    "log of one more, then standard": ([{"kind": "log", "offset": 1}, "standard"], make_pipeline(FunctionTransformer(np.log1p), StandardScaler())),
    "log, then min-max": (["log", "minMax"], make_pipeline(log(), MinMaxScaler())),
}
lists = lambda x: [[None if np.isnan(v) else float(v) for v in row] for row in x]
here = pathlib.Path(__file__).parent
here.joinpath("scalers.json").write_text(json.dumps({
    "sklearn": sklearn.__version__, "training": lists(training), "heldOut": lists(held_out),
    "cases": [{"name": name, "scaling": scaling, "scaled": lists(scaler.fit(training).transform(held_out))}
              for name, (scaling, scaler) in cases.items()],
}, separators=(",", ":")) + "\n")
