"""The demo: real orders joined with simulated invitations, loaded through the same door as everything."""
