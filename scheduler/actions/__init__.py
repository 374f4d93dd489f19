"""What people do: one function is one transaction with its audit entries; reads live here too."""
