"""The rota: who is on call at an instant, from weekly rules and the changes made to them."""
