# An uninterruptible power supply in the shape of APC's.
profile other-ups
serial "AS1#######"
oui 00c0b7

event fault every 97

1.3.6.1.2.1.1.1.0 string "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.8.2 PN:apc_hw05_aos_682.bin AF1:v6.8.2 AN1:apc_hw05_sumx_682.bin MN:AP9630 HR:05 SN: {serial} MD:01/12/2019)"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.318.1.3.27
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "ups-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "veth" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end
1.3.6.1.2.1.33.1.1.1.0 string "APC"
1.3.6.1.2.1.33.1.1.2.0 string "Smart-UPS 3000 RM"
1.3.6.1.2.1.33.1.2.1.0 integer pick 3 if fault / 2
1.3.6.1.2.1.33.1.2.4.0 integer pick 40 if fault / 100
1.3.6.1.2.1.33.1.4.4.1.5.1 integer 37
1.3.6.1.4.1.318.1.1.1.1.1.1.0 string "Smart-UPS 3000 RM"
1.3.6.1.4.1.318.1.1.1.1.2.3.0 string "{serial}"
1.3.6.1.4.1.318.1.1.1.2.2.1.0 gauge 100

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
