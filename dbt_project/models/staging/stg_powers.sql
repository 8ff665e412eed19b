{{ staged('powers') }}
