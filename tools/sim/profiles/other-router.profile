# A router in the shape of MikroTik's.
profile other-router
serial "HEX########"
oui 48a98a

event fault every 97

1.3.6.1.2.1.1.1.0 string "RouterOS RB760iGS"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.14988.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "gw-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 78
1.3.6.1.2.1.2.1.0 integer 3
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "ether1" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
2 | 2 | "ether2" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
3 | 3 | "bridge" | 209 | 1500 | 0 | "{macbytes}" | 1 | 1
end
1.3.6.1.4.1.14988.1.1.3.10.0 gauge 38
1.3.6.1.4.1.14988.1.1.3.15.0 integer pick 0 if fault / 1
1.3.6.1.4.1.14988.1.1.7.3.0 string "{serial}"

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
