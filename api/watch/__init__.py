"""What fails without a sound is found here and said aloud: to supervisors, to an outside service, to whoever runs the server."""
