{{ staged('laws') }}
