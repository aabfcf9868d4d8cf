# SPDX-License-Identifier: Apache-2.0
"""A profile for platen-sim --profile-file: a small printer with the Printer-MIB (RFC 3805) of a vendor that
platen does not support."""

SHAPE = """\
profile {name}
serial "{upper}######"
oui 02a000
rate print_mono 1.00
1.3.6.1.2.1.1.1.0 string "Acme One"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.99999.1
1.3.6.1.2.1.1.3.0 ticks uptime
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "Acme One" | 0.0 | 2 | 0
end
1.3.6.1.2.1.25.3.5.1.1.1 integer 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 2
1.3.6.1.2.1.43.5.1.1.1.1 counter 1
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 15 integer
1.1 | 4 | 7 | 99 | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
{supplies}end
"""


def profile(name, serial, supplies, more=""):
    """Text of the profile. `serial`: its serial number, "{serial}" for the simulator's; `supplies`: rows of
    prtMarkerSuppliesTable; `more`: further lines."""
    return SHAPE.format(name=name, upper=name.upper(), serial=serial, supplies=supplies) + more
