"""Figures of scikit-learn for metrics.json: python metrics.py > metrics.json, with scikit-learn 1.9 and numpy."""
import json
import numpy as np
from sklearn import metrics as m

rng = np.random.default_rng(7)
T, B, C = 6, 5, 4
logits = np.round(rng.normal(size=(T, B, C)), 4)
classes = rng.integers(0, C - 1, size=(T, B))  # the last class is never right, but predicted
mask = (rng.random((T, B)) < 0.7).astype(int)
keep = mask.astype(bool)
y, z = classes[keep], logits[keep]
p = z.argmax(1)
each = lambda f, **k: {a: float(f(y, p, average=a, zero_division=0)) for a in ('macro', 'weighted', 'micro')} | {
    'of1': float(f(y, p, labels=[1], average=None, zero_division=0)[0])}
soft = np.exp(z) / np.exp(z).sum(1, keepdims=True)

outputs = np.round(rng.normal(size=(T, B, 3)), 4)
labels = rng.integers(0, 2, size=(T, B, 3))
yb, pb = labels[keep], (outputs[keep] > 0).astype(int)

numbers = np.round(rng.normal(size=(T, B, 2)), 4)
truth = np.round(numbers + 0.3 * rng.normal(size=(T, B, 2)), 4)
yn, pn = truth[keep], numbers[keep]
series = np.round(np.cumsum(rng.normal(size=(20, 2)), 0), 4)
naive = [m.mean_absolute_error(series[4:, i], series[:-4, i]) for i in range(2)]
mase = float(np.mean([m.mean_absolute_error(yn[:, i], pn[:, i]) / naive[i] for i in range(2)]))

print(json.dumps({
    'mask': mask.tolist(),
    'classes': {
        'logits': logits.tolist(), 'targets': classes.tolist(),
        'accuracy': float(m.accuracy_score(y, p)),
        'top2': float(m.top_k_accuracy_score(y, z, k=2, labels=range(C))),
        'confusion': m.confusion_matrix(y, p, labels=range(C)).tolist(),
        'precision': each(m.precision_score), 'recall': each(m.recall_score), 'f1': each(m.f1_score),
        'logLoss': float(m.log_loss(y, soft, labels=range(C))),
    },
    'binary': {
        'logits': outputs.tolist(), 'targets': labels.tolist(),
        'accuracy': float(m.accuracy_score(yb.ravel(), pb.ravel())),
        'f1': {a: float(m.f1_score(yb, pb, average=a, zero_division=0)) for a in ('macro', 'weighted', 'micro')},
    },
    'numbers': {
        'predictions': numbers.tolist(), 'targets': truth.tolist(), 'training': series.tolist(), 'season': 4,
        'mae': float(m.mean_absolute_error(yn, pn)), 'rmse': float(m.mean_squared_error(yn.ravel(), pn.ravel()) ** 0.5),
        'mase': mase,
    },
}))
