"""What the whole record says about the study: design, size, species, sites, aetiologies, topic, evidence level."""
