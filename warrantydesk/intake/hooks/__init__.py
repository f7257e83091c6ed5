"""Mail that a provider posts to us (/hooks/mail/<provider>/): proved to come from it, made raw again, and received."""
