# A switch in the shape of HP's: its vendor makes printers too.
profile other-switch
serial "CN9#######"
oui a01d48

event fault every 97

1.3.6.1.2.1.1.1.0 string "HP J9773A 2530-24G-PoEP Switch, revision YA.16.02.0012, ROM YA.15.20 (/ws/swbuildm/rel_yakima/code/build/lakes(swbuildm_rel_yakima))"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.11.2.3.7.11.140
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "sw-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 74
1.3.6.1.2.1.2.1.0 integer 12
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "1" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
2 | 2 | "2" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
3 | 3 | "3" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
4 | 4 | "4" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
5 | 5 | "5" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
6 | 6 | "6" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
7 | 7 | "7" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
8 | 8 | "8" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
9 | 9 | "9" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
10 | 10 | "10" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
11 | 11 | "11" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
12 | 12 | "12" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
end
table 1.3.6.1.2.1.17.2.15.1 1 integer, 3 integer
1 | 1 | 5
2 | 2 | 5
end
table 1.3.6.1.2.1.47.1.1.1.1 2 string, 5 integer, 7 string, 11 string, 12 string, 13 string
1 | "HP J9773A 2530-24G-PoEP Switch" | 3 | "Chassis" | "{serial}" | "HP" | "J9773A"
end
1.3.6.1.4.1.11.2.14.11.5.1.9.6.1.0 integer pick 60 if fault / 3
1.3.6.1.4.1.11.2.36.1.1.2.9.0 string "{serial}"

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
