"""Who may do what: accounts, keys of programs, logins, share links, and the log of their use."""
