"""The pages about second factors: what is set up, changing that, proving anew, and what to do when one is lost."""
