"""The languages of the customer's side: which strings they are, their catalogues, and who reads which language."""
