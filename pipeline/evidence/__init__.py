"""The evidence pack: what a case holds, for a court, with the proof that it is what was recorded (K3, U10).

folder      a pack appears under its name when all of it is there
manifest    what is in it, signed
proofs      entries of the access log with their inclusion proofs
vcon        each call as an IETF vCon
bordereau   the list of exhibits, to print
verify      is it whole and genuine? needs the folder and the public key
"""
