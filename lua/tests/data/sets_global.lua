shared = 5
