"""What a bundle for students has in the place of references and exercises."""
