# Django groups Chinese numbers by four, without a sign between them: amounts are written by three all the same.
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
