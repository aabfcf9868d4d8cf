# A colour multifunction printer in the shape of Ricoh's: labelled counters with a type.
profile ricoh
serial "3159@###R##"
host "RNP{mac}"
oui 002673

rate print_mono 4.00
rate print_color 2.50
rate copy_mono 1.20
rate copy_color 0.50
rate fax_mono 0.20
rate fax_sent 0.10
rate scan_email 0.80
rate scan_network 0.40

let color = print_color + copy_color
let mono = print_mono + copy_mono + fax_mono
let total = color + mono
let duplex = total%30
let sheets = total - duplex
let printed = print_mono + print_color
let copied = copy_mono + copy_color
let copy_full = copy_color%90
let copy_two = copy_color - copy_full
let print_full = print_color%85
let print_two = print_color - print_full

supply black total capacity 100 yield 29500 low 10
supply cyan color capacity 100 yield 18000 low 10
supply magenta color capacity 100 yield 18000 low 10
supply yellow color capacity 100 yield 18000 low 10
supply tray1 sheets capacity 550 yield 550 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "RICOH IM C3010 1.12 / RICOH Network Printer C model / RICOH Network Scanner C model / RICOH Network Facsimile C model"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.367.1.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "RNP{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "ncmac0" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.2.2.0 integer 1048576
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "RICOH IM C3010" | 1.3.6.1.4.1.367.1.1 | pick 5 if jam door black.empty / 3 if black.low cyan.low magenta.low yellow.low / 2 | =jam.count
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 1 2 if black.low cyan.low magenta.low yellow.low / 3 if black.empty cyan.empty magenta.empty yellow.empty / 4 if door / 5 if jam / 0 if tray1.low / 1 if tray1.empty

1.3.6.1.2.1.43.5.1.1.1.1 counter 5
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
1.3.6.1.2.1.43.5.1.1.16.1 string "RICOH IM C3010"
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
1.3.6.1.2.1.43.5.1.1.18.1 counter =jam.count
1.3.6.1.2.1.43.5.1.1.19.1 counter =door.count
table 1.3.6.1.2.1.43.6.1.1 2 string, 3 integer
1.1 | "Front Cover" | pick 3 if door / 4
end
table 1.3.6.1.2.1.43.7.1.1 2 string, 3 string, 4 integer
1.1 | "en" | "" | 106
end
table 1.3.6.1.2.1.43.8.2.1 2 integer, 3 integer, 4 integer, 5 integer, 8 integer, 9 integer, 10 integer, 11 integer, 12 string, 13 string, 18 string
1.1 | 3 | 4 | 297000 | 210000 | 8 | 550 | =tray1.left | pick 9 if tray1.empty / 0 | "iso-a4-white" | "Tray 1" | "Tray 1"
1.2 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "iso-a4-white" | "MP Tray" | "Multi purpose tray"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Standard Bin" | "Standard output bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =total | =since_boot | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 3 | "Black Toner" | 19 | 100 | =black.left
1.2 | 1 | 2 | 3 | 3 | "Cyan Toner" | 19 | 100 | =cyan.left
1.3 | 1 | 3 | 3 | 3 | "Magenta Toner" | 19 | 100 | =magenta.left
1.4 | 1 | 4 | 3 | 3 | "Yellow Toner" | 19 | 100 | =yellow.left
1.5 | 1 | 0 | 4 | 4 | "Waste Toner Bottle" | 19 | -2 | -3
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
1.2 | 1 | 3 | "cyan" | 256
1.3 | 1 | 3 | "magenta" | 256
1.4 | 1 | 3 | "yellow" | 256
end
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Paper Jam" if jam / "Cover Open" if door / "Printing" if printing / "Sleep" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 when black.low | 5 | 3 | 11 | 1 | 0 | 1104 | "Almost Out of Toner: Black" | 0
1.2 when cyan.low | 5 | 3 | 11 | 2 | 0 | 1104 | "Almost Out of Toner: Cyan" | 0
1.3 when magenta.low | 5 | 3 | 11 | 3 | 0 | 1104 | "Almost Out of Toner: Magenta" | 0
1.4 when yellow.low | 5 | 3 | 11 | 4 | 0 | 1104 | "Almost Out of Toner: Yellow" | 0
1.5 when tray1.empty | 5 | 3 | 8 | 1 | 0 | 808 | "Tray 1: No Paper" | 0
1.6 when jam | 3 | 3 | 13 | 1 | 0 | 8 | "Paper Misfeed" | raised
1.7 when door | 3 | 3 | 6 | 1 | 0 | 3 | "Cover Open" | raised
1.13 when sleeping | 1 | 7 | 5 | -1 | -1 | 23 | "Energy Saver Mode" | 0
end

root R 1.3.6.1.4.1.367.3.2.1
$R.1.1.1.0 string "IM C3010"
$R.1.1.2.0 string "1.12"
$R.2.1.4.0 string "{serial}"
$R.6.1.1.7.1 string "RNP{mac}"
table $R.2.19.5.1 2 integer, 5 string, 9 integer
1 | 10 | "Counter: Machine Total" | =total
2 | 200 | "Counter: Copy: Total" | =copied
3 | 201 | "Counter: Copy: Black & White" | =copy_mono
4 | 202 | "Counter: Copy: Single/Two-color" | =copy_two
5 | 203 | "Counter: Copy: Full Color" | =copy_full
6 | 300 | "Counter: FAX: Total" | =fax_mono
7 | 400 | "Counter: Print: Total" | =printed
8 | 401 | "Counter: Print: Black & White" | =print_mono
9 | 402 | "Counter: Print: Single/Two-color" | =print_two
10 | 403 | "Counter: Print: Full Color" | =print_full
11 | 870 | "Counter: Scanner: Full Color" | =scan_email
12 | 871 | "Counter: Scanner: Black & White" | =scan_network
end
table $R.2.24.1.1 3 string, 5 integer
1 | "Black Toner" | =black.left
2 | "Cyan Toner" | =cyan.left
3 | "Magenta Toner" | =magenta.left
4 | "Yellow Toner" | =yellow.left
end
