"""`figureground examples`: behaviour examples for LabGym."""
