# A wireless access point in the shape of Ubiquiti's.
profile other-ap
serial "FCEC########"
oui fcecda

event fault every 97

1.3.6.1.2.1.1.1.0 string "UAP-AC-Pro-Gen2 6.5.28.14491"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.41112
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "ap-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 3
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "lo" | 24 | 1500 | 0 | "{macbytes}" | 1 | 1
2 | 2 | "eth0" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
3 | 3 | "ath0" | 71 | 1500 | 300000000 | "{macbytes}" | 1 | 1
end
1.2.840.10036.1.1.1.9.3 string "corporate"
1.3.6.1.4.1.41112.1.6.3.3.0 string "UAP-AC-Pro"
1.3.6.1.4.1.41112.1.6.3.6.0 string "6.5.28.14491"
1.3.6.1.4.1.41112.1.6.3.5.0 integer pick 2 if fault / 1

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
