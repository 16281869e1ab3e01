"""Experiments: comparing the variants of a declared variation point, and stopping what does harm.

- `lifecycle` is the only writer of an experiment's status: draft, running, then stopped or completed.
- `assignment` draws a person's variant from a hash, once; `exposure` answers `coaching.toolkit.variant_of`
  and says who takes part: nobody without consent to behavioural tracking, nobody in a crisis pause.
- `measuring` keeps what became of exposed people once their window is over; `metrics` are coaching's own
  measures, domains declare theirs.
- `results` compares each variant with the control; `monitoring` stops what surely does harm. `intervals`
  and `always_valid` hold the formulas with their sources, `numbers` the thresholds.
- `picture` draws the comparison; `words` says it plainly.

Nobody's rows are shown to staff: results are counts, averages and intervals.
"""
