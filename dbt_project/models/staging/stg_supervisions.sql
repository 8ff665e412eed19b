{{ staged('supervisions') }}
