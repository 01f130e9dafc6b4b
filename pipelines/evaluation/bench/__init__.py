"""How long things take, beside the time of the networks themselves in the same run.

Machines differ and are shared: a ratio between two times of one run says more than either time.
"""
