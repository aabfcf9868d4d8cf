# A network disk in the shape of Synology's, with CUPS within.
profile other-nas
serial "2#B0PDN######"
oui 001132

event fault every 97

1.3.6.1.2.1.1.1.0 string "Linux nas-{n} 4.4.302+ #64570 SMP Thu Jul 20 00:06:06 CST 2023 x86_64"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.8072.3.2.10
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "nas-{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 3
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "lo" | 24 | 1500 | 10000000 | "{macbytes}" | 1 | 1
2 | 2 | "eth0" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
3 | 3 | "eth1" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
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
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "usbprinter" | 0.0 | 2
196608 | 196608 | 1.3.6.1.2.1.25.3.1.3 | "GenuineIntel: Intel(R) Celeron(R) J4125" | 0.0 | 2
end
1.3.6.1.2.1.25.3.5.1.1.1 integer 3
1.3.6.1.4.1.6574.1.1.0 integer pick 2 if fault / 1
1.3.6.1.4.1.6574.1.5.1.0 string "DS920+"
1.3.6.1.4.1.6574.1.5.2.0 string "{serial}"
1.3.6.1.4.1.6574.1.5.3.0 string "DSM 7.2-64570"

never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6

truth identity is_printer
0
end
