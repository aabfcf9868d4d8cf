# A projector of a vendor of printers, in the shape of Epson's.
profile other-projector
serial "X4@########"
oui 64eb8c

event fault every 97

1.3.6.1.2.1.1.1.0 string "EPSON EB-L630U Projector"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.1248.4.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "EBL{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "eth0" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end
1.3.6.1.4.1.1248.4.1.1.1.1.0 string "EB-L630U"
1.3.6.1.4.1.1248.4.1.1.2.1.0 integer pick 5 if fault / 1
1.3.6.1.4.1.1248.4.1.1.2.4.0 gauge 1874

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
