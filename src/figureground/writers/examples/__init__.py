"""Behaviour examples as LabGym takes them: for each figure and window of frames an animation and a picture.

The rules are those that LabGym 3.1.2 (Hu et al., Cell Reports Methods 3, 2023, 100415) makes its own examples
by, so that a categorizer trained on these sees in LabGym's analysis what it has learnt from.
"""
