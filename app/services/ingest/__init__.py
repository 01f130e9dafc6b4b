"""What comes in: uploads, the inbox, and the pages that files hold."""
