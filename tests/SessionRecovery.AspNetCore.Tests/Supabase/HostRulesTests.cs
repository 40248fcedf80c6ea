using System.Linq.Expressions;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

namespace SessionRecovery.AspNetCore.Tests.Supabase;

/// <summary>Tests that the host's own validation rules and events run for every token, even if the token was validated before.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HostRulesTests : IDisposable
{
    // These properties affect only logs and do not affect the validation.
    private static readonly string[] WithoutEffect =
        ["DebugId", "IncludeTokenOnFailedValidation", "LogTokenId", "LogValidationExceptions"];

    private static readonly string[] Deniers =
        ["audience", "lifetime", "issuer", "algorithm", "type", "key", "message", "validated", "all"];

    private readonly TemporaryFolder _folder = new();
    private readonly FakeAuth _auth = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private bool _isDenied;

    public HostRulesTests() => _auth.AddKey("key-1");

    public void Dispose()
    {
        _auth.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task A_clock_skew_of_zero_ends_a_remembered_token_too()
    {
        await using var host = await StartAsync(static bearer => bearer.TokenValidationParameters.ClockSkew = TimeSpan.Zero);
        using var ada = SignIn(host);
        (await ada.GetAsync("/whoami")).StatusCode.Should().Be(HttpStatusCode.OK);

        _clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(4));

        (await ada.GetAsync("/whoami")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [TestCaseSource(nameof(Deniers))]
    public async Task A_rule_of_the_host_sees_a_remembered_token(string rule)
    {
        await using var host = await StartAsync(bearer => Add(bearer, rule));
        using var ada = SignIn(host);
        (await ada.GetAsync("/whoami")).StatusCode.Should().Be(HttpStatusCode.OK);

        _isDenied = true;

        (await ada.GetAsync("/whoami")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task A_saved_token_is_there_in_every_request()
    {
        await using var host = await StartAsync(static bearer => bearer.SaveToken = true);
        using var ada = SignIn(host);

        (await ada.GetStringAsync("/saved")).Should().Be(ada.DefaultRequestHeaders.Authorization!.Parameter);
        (await ada.GetStringAsync("/saved")).Should().Be(ada.DefaultRequestHeaders.Authorization!.Parameter);
    }

    [Test]
    public async Task Issuers_and_algorithms_of_the_host_decide()
    {
        await using var issuers = await StartAsync(static bearer =>
        {
            bearer.TokenValidationParameters.ValidIssuer = null;
            bearer.TokenValidationParameters.ValidIssuers = ["https://custom.example/auth/v1"];
        });
        using var ada = SignIn(issuers);
        using var moved = SignIn(issuers, "https://custom.example/auth/v1");
        (await ada.GetAsync("/whoami")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await moved.GetAsync("/whoami")).StatusCode.Should().Be(HttpStatusCode.OK);

        await using var algorithms = await StartAsync(static bearer =>
            bearer.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.RsaSha256]);
        using var eve = SignIn(algorithms);
        (await eve.GetAsync("/whoami")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task Without_rules_of_the_host_a_token_is_remembered()
    {
        await using var host = await StartAsync(static _ => { });
        using var ada = SignIn(host);
        (await ada.GetAsync("/whoami")).StatusCode.Should().Be(HttpStatusCode.OK);

        var bearer = host.Services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get(JwtBearerDefaults.AuthenticationScheme);
        host.Services.GetRequiredService<ValidationRules>().AreIn(bearer.TokenValidationParameters).Should().BeTrue();
        host.Services.GetRequiredService<SupabaseTokenHandler>().FindValidated(ada.DefaultRequestHeaders.Authorization!.Parameter!)
            .Should().NotBeNull();
    }

    [Test]
    public async Task Every_property_of_the_parameters_is_a_rule()
    {
        await using var host = await StartAsync(static _ => { });
        var rules = host.Services.GetRequiredService<ValidationRules>();
        var missed = new List<string>();
        foreach (var property in typeof(TokenValidationParameters).GetProperties().Where(static p => p.SetMethod?.IsPublic == true))
        {
            var parameters = rules.Create();
            property.SetValue(parameters, Change(property, property.GetValue(parameters)));
            if (rules.AreIn(parameters))
            {
                missed.Add(property.Name);
            }
        }

        missed.Should().BeEquivalentTo(WithoutEffect);
        rules.AreIn(rules.Create().Clone()).Should().BeTrue("the framework validates with a clone");
    }

    private static object? Change(PropertyInfo property, object? value) => value switch
    {
        bool flag => !flag,
        TimeSpan time => time + TimeSpan.FromSeconds(1),
        null when property.PropertyType == typeof(string) => "changed",
        string => "changed",
        null => Create(property.PropertyType),
        _ => null,
    };

    private static object Create(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            var parameters = invoke.GetParameters().Select(static p => Expression.Parameter(p.ParameterType)).ToList();
            return Expression.Lambda(type, Expression.Default(invoke.ReturnType), parameters).Compile();
        }

        return type switch
        {
            _ when type == typeof(IEnumerable<string>) => new[] { "changed" },
            _ when type == typeof(IEnumerable<SecurityKey>) => Array.Empty<SecurityKey>(),
            _ when type == typeof(IDictionary<string, object>) => new Dictionary<string, object>(),
            _ when type == typeof(SecurityKey) => new SymmetricSecurityKey(new byte[32]),
            _ when type == typeof(CryptoProviderFactory) => new CryptoProviderFactory(),
            _ when type == typeof(TokenValidationParameters) => new TokenValidationParameters(),
            _ when type == typeof(ITokenReplayCache) => new NoReplay(),
            _ => new Microsoft.IdentityModel.Protocols.ConfigurationManager<Microsoft.IdentityModel.Protocols.OpenIdConnect
                .OpenIdConnectConfiguration>("https://issuer.example", new Microsoft.IdentityModel.Protocols.OpenIdConnect
                .OpenIdConnectConfigurationRetriever()),
        };
    }

    private void Add(JwtBearerOptions bearer, string rule)
    {
        var parameters = bearer.TokenValidationParameters;
        _ = rule switch
        {
            "audience" => parameters.AudienceValidator = (_, _, _) => !_isDenied,
            "lifetime" => parameters.LifetimeValidator = (_, _, _, _) => !_isDenied,
            "issuer" => parameters.IssuerValidator = (issuer, _, _) =>
                _isDenied ? throw new SecurityTokenInvalidIssuerException("Denied.") : issuer,
            "algorithm" => parameters.AlgorithmValidator = (_, _, _, _) => !_isDenied,
            "type" => parameters.TypeValidator = (type, _, _) => _isDenied ? throw new SecurityTokenInvalidTypeException("Denied.") : type,
            "key" => (object)(parameters.IssuerSigningKeyValidator = (_, _, _) => !_isDenied),
            "message" => bearer.Events.OnMessageReceived = FailIfDenied,
            "validated" => bearer.Events.OnTokenValidated = FailIfDenied,
            _ => bearer.Events = new JwtBearerEvents { OnTokenValidated = FailIfDenied },
        };
        parameters.ValidateIssuerSigningKey = rule == "key";

        Task FailIfDenied(ResultContext<JwtBearerOptions> context)
        {
            if (_isDenied)
            {
                context.Fail("Denied.");
            }

            return Task.CompletedTask;
        }
    }

    private Task<TestHost> StartAsync(Action<JwtBearerOptions> configure) => TestHost.StartAsync(
        _folder,
        configure: static (builder, _) => builder.Configuration["SUPABASE_URL"] = FakeAuth.Address,
        map: static app =>
        {
            app.MapGet("/whoami", static (HttpContext context) => context.User.FindFirst("sub")!.Value).RequireAuthorization();
            app.MapGet("/saved", (Delegate)(static (HttpContext context) => context.GetTokenAsync("access_token"))).RequireAuthorization();
        },
        authenticate: services =>
        {
            services.AddSingleton<TimeProvider>(_clock);
            services.AddSupabaseAuthentication();
            services.Configure(JwtBearerDefaults.AuthenticationScheme, configure);
            services.AddHttpClient("SessionRecovery.Supabase.SigningKeys").ConfigurePrimaryHttpMessageHandler(() => _auth);
        });

    private HttpClient SignIn(TestHost host, string? issuer = null)
    {
        var token = _auth.Token(
            "key-1", _clock.GetUtcNow().AddHours(1), change: claims => claims["iss"] = issuer ?? claims["iss"]!.GetValue<string>());
        var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private sealed class NoReplay : ITokenReplayCache
    {
        public bool TryAdd(string securityToken, DateTime expiresOn) => true;

        public bool TryFind(string securityToken) => false;
    }
}
