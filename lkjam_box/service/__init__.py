"""Every process of the box on one loop, and the supervisor of them."""
