using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using RestartDrill.Ledgers;
using RestartDrill.Clients;
using RestartDrill.Running;
using RestartDrill.Server;
using SessionRecovery.Testing.Postgres;

namespace RestartDrill.Stores;

/// <summary>
/// Stores the data in a test server that replaces Supabase and uses a PostgreSQL that commits to disk. Each kill ends AudioStudio, the test
/// server, PostgreSQL, or all three.
/// </summary>
internal sealed class SupabaseStore : IDrillStore
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly ThrowAwayPostgres _postgres;
    private readonly string _folder;
    private readonly HttpClient _http;
    private readonly Uri _address = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Find()}"));
    private Process? _standIn;
    private bool _databaseIsDead;
    private (string Publishable, string Secret) _keys;

    private SupabaseStore(ThrowAwayPostgres postgres, string folder)
    {
        (_postgres, _folder) = (postgres, folder);
        _http = new HttpClient { BaseAddress = _address, Timeout = TimeSpan.FromSeconds(10) };
    }

    public IReadOnlyList<string> StudioArguments =>
    [
        "--Supabase:Url", _address.ToString(),
        "--Supabase:PublishableKey", _keys.Publishable,
        "--Supabase:SecretKey", _keys.Secret,
        "--Supabase:ClientScript", ClientScript,
    ];

    public IReadOnlyList<Victim> Victims => Enum.GetValues<Victim>();

    // AudioStudio does not start without the script of Supabase's browser client. The file is empty, because only pages use the script, and
    // the drill opens no page.
    private string ClientScript => Path.Combine(_folder, "supabase.js");

    /// <exception cref="DrillException">PostgreSQL is not available.</exception>
    public static async Task<SupabaseStore> CreateAsync(TemporaryFolder folder, CancellationToken stop)
    {
        if (ThrowAwayPostgres.UnavailableReason is { } reason)
        {
            throw new DrillException($"--supabase needs PostgreSQL 15: {reason}");
        }

        var postgres = await ThrowAwayPostgres.StartAsync(new PostgresOptions { Durable = true }, stop);
        var store = new SupabaseStore(postgres, folder.Path);
        await File.WriteAllTextAsync(store.ClientScript, string.Empty, stop);
        return store;
    }

    public async Task StartAsync(CancellationToken stop)
    {
        if (_databaseIsDead)
        {
            await _postgres.StartAgainAsync(stop);
            _databaseIsDead = false;
        }

        if (_standIn is not { HasExited: false })
        {
            _standIn?.Dispose();
            _standIn = Process.Start(new ProcessStartInfo("dotnet")
            {
                RedirectStandardOutput = true,
                ArgumentList =
                {
                    Path.Combine(AppContext.BaseDirectory, "SupabaseStandIn.dll"),
                    "--urls", _address.ToString(),
                    "--postgres", _postgres.ConnectionString(),
                    "--data", Path.Combine(_folder, "objects"),
                },
            }) ?? throw new InvalidOperationException("The stand-in could not be started.");
            _standIn.BeginOutputReadLine();
        }

        _keys = await ReadKeysAsync(stop);
    }

    public async Task KillAsync(Victim victim, StudioProcess server)
    {
        if (victim is Victim.Database or Victim.Everything)
        {
            _postgres.Kill();
            _databaseIsDead = true;
        }

        if (victim is Victim.Services or Victim.Everything)
        {
            _standIn!.Kill();
            await _standIn.WaitForExitAsync(CancellationToken.None);
        }

        if (victim is Victim.Studio or Victim.Everything)
        {
            await server.KillAsync();
        }
    }

    public async Task<string?> SignUpAsync(StudioClient client, string email, string password, CancellationToken stop)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, "/auth/v1/signup") { Content = JsonContent.Create(new { email, password }) };
        request.Headers.Add("apikey", _keys.Publishable);
        using var response = await _http.SendAsync(request, stop);
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("access_token").GetString()
            : null;
    }

    public async Task<StoredLedger> ReadLedgerAsync(CancellationToken stop)
    {
        await using var connection = await OpenAsync(stop);
        return await StoredLedger.ReadAsync(connection, stop);
    }

    public async Task<IReadOnlyList<string>> AuditAsync(CancellationToken stop)
    {
        await using var connection = await OpenAsync(stop);
        var faults = new List<string>(await StoredLedger.AuditAsync(connection, stop));
        await using var audit = new NpgsqlCommand("select jsonb_array_elements_text(public.credits_audit() -> 'faults')", connection);
        await using var rows = await audit.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            faults.Add(rows.GetString(0));
        }

        return faults;
    }

    public async ValueTask DisposeAsync()
    {
        if (_standIn is { } standIn)
        {
            standIn.Kill();
            await standIn.WaitForExitAsync();
            standIn.Dispose();
        }

        _http.Dispose();
        await _postgres.DisposeAsync();
    }

    private async Task<(string Publishable, string Secret)> ReadKeysAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(StartLimit, TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        while (true)
        {
            try
            {
                var keys = await _http.GetFromJsonAsync<JsonElement>("/control/keys", both.Token);
                return (keys.GetProperty("publishable").GetString()!, keys.GetProperty("secret").GetString()!);
            }
            catch (HttpRequestException)
            {
                if (_standIn!.HasExited)
                {
                    throw new DrillException("The stand-in ended at its start.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, both.Token);
            }
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken stop)
    {
        var connection = new NpgsqlConnection($"{_postgres.ConnectionString()};Pooling=false");
        await connection.OpenAsync(stop);
        return connection;
    }
}
