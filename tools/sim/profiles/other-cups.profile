# A Linux host with net-snmp that lists its CUPS queues as devices, of which it says nothing else.
profile other-cups
serial "PRT########"
oui 525400

event fault every 97

1.3.6.1.2.1.1.1.0 string "Linux cups-{n} 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.8072.3.2.10
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "cups-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 2
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "lo" | 24 | 1500 | 10000000 | "{macbytes}" | 1 | 1
2 | 2 | "eth0" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
end
1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer
196608 | 196608 | 1.3.6.1.2.1.25.3.1.3 | "GenuineIntel: Intel(R) Xeon(R) CPU E5-2620 v4" | 0.0 | 2
786432 | 786432 | 1.3.6.1.2.1.25.3.1.5 | "HP_LaserJet_M507" | 0.0 | pick 5 if fault / 2
786433 | 786433 | 1.3.6.1.2.1.25.3.1.5 | "Kyocera-ECOSYS-P3145dn" | 0.0 | 2
end
table 1.3.6.1.2.1.25.3.5.1 1 integer, 2 string
786432 | pick 1 if fault / 3 | "\x00"
786433 | 3 | "\x00"
end

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
