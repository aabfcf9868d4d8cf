# A switch in the shape of Cisco's that supports SNMPv3 only.
profile other-v3switch
serial "FOC#####@##"
oui 00562b

event fault every 97

speaks v3
1.3.6.1.2.1.1.1.0 string "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2)"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.9.1.1208
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "core-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 6
1.3.6.1.2.1.2.1.0 integer 10
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "GigabitEthernet1/0/1" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
2 | 2 | "GigabitEthernet1/0/2" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
3 | 3 | "GigabitEthernet1/0/3" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
4 | 4 | "GigabitEthernet1/0/4" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
5 | 5 | "GigabitEthernet1/0/5" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
6 | 6 | "GigabitEthernet1/0/6" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
7 | 7 | "GigabitEthernet1/0/7" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
8 | 8 | "GigabitEthernet1/0/8" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
9 | 9 | "GigabitEthernet1/0/9" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
10 | 10 | "GigabitEthernet1/0/10" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
end
table 1.3.6.1.2.1.47.1.1.1.1 2 string, 5 integer, 7 string, 11 string, 12 string, 13 string
1001 | "WS-C2960X-24PS-L" | 3 | "1" | "{serial}" | "Cisco Systems, Inc." | "WS-C2960X-24PS-L"
end
1.3.6.1.4.1.9.9.13.1.3.1.6.1006 integer pick 3 if fault / 1

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
