"""What people have corrected in other annotation tools, read from those tools' files."""
