"""How long an archive takes on which machines: measured stage times, and a simulation on them."""
