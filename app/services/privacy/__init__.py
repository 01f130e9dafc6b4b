"""Personal data: reported, encrypted and erased."""
