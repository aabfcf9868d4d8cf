# A Linux server with net-snmp, without a printer.
profile other-server
serial "SRV########"
oui 525400

event fault every 97

1.3.6.1.2.1.1.1.0 string "Linux srv-{n} 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.8072.3.2.10
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "srv-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 2
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "lo" | 24 | 1500 | 10000000 | "{macbytes}" | 1 | 1
2 | 2 | "eth0" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
end
1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.1.5.0 gauge 3
1.3.6.1.2.1.25.1.6.0 gauge 214
1.3.6.1.2.1.25.2.2.0 integer 16316588
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "Physical memory" | 1024 | 16316588 | 9300144
31 | 31 | 1.3.6.1.2.1.25.2.1.4 | "/" | 4096 | 25770000 | 8123441
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer
196608 | 196608 | 1.3.6.1.2.1.25.3.1.3 | "GenuineIntel: Intel(R) Xeon(R) Silver 4210" | 0.0 | 2
262145 | 262145 | 1.3.6.1.2.1.25.3.1.4 | "network interface lo" | 0.0 | 2
393232 | 393232 | 1.3.6.1.2.1.25.3.1.6 | "SCSI disk (/dev/sda)" | 0.0 | pick 5 if fault / 2
end
1.3.6.1.4.1.2021.4.5.0 integer 16316588
1.3.6.1.4.1.2021.10.1.3.1 string "0.42"

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
