# A network camera in the shape of Axis's, whose vendor made print servers too.
profile other-camera
serial "ACCC########"
oui accc8e

event fault every 97

1.3.6.1.2.1.1.1.0 string " ; AXIS P1455-LE; Network Camera; 11.10.61; Apr 18 2024 18:48; 951.2; 1"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.368.1.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "cam-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 2
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "lo" | 24 | 1500 | 10000000 | "{macbytes}" | 1 | 1
2 | 2 | "eth0" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end
1.3.6.1.4.1.368.4.1.3.1.3.1.1 integer pick 2 if fault / 1
1.3.6.1.4.1.368.4.1.3.1.4.1.1 integer 41

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
