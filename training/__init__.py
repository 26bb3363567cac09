"""From labelled folders of photographs to a checkpoint and a report."""
