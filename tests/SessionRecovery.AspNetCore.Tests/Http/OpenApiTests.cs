using System.Globalization;
using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Http;

/// <summary>Compares the OpenAPI document of a real host with the tables of <c>docs/http.md</c>.</summary>
[TestFixture]
internal sealed class OpenApiTests
{
    private const string ProblemCodes = "Problem codes: ";

    private TemporaryFolder _folder = null!;
    private JsonObject _document = null!;

    [OneTimeSetUp]
    public async Task SetUp()
    {
        _folder = new TemporaryFolder();
        await using var host = await TestHost.StartAsync(
            _folder,
            (builder, recovery) =>
            {
                builder.Services.AddOpenApi();
                recovery.UseSqlite($"Data Source={_folder.File("c.db")}").AddLocalFiles(_folder.File("files"));
            },
            app =>
            {
                app.MapOpenApi();
                app.MapPost("/paid", () => Results.Ok()).RequireCredits(5);
                app.MapPost("/once", () => Results.Ok()).RequireIdempotency();
                app.MapPost("/by-size", () => Results.Ok()).WithDescription("Draws.").RequireCredits(max: static _ => 5);
            });
        using var client = new HttpClient { BaseAddress = host.Address };
        _document = JsonNode.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.AsObject();
    }

    [OneTimeTearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void The_page_lists_exactly_the_mapped_endpoints() =>
        HttpPage.Endpoints.Keys.Should().BeEquivalentTo(Operations().Select(static operation => operation.Route));

    [TestCaseSource(typeof(HttpPage), nameof(HttpPage.Routes))]
    public void The_page_describes_the_endpoint(string route)
    {
        var (_, operation) = Operations().Single(candidate => candidate.Route == route);
        var documented = HttpPage.Endpoints[route];
        if (!HttpPage.OfHost.Values.Contains(route))
        {
            ((string?)operation["operationId"]).Should().Be(documented.Name);
            operation["tags"]!.AsArray().Select(static tag => (string)tag!).Should().Equal(documented.Tag);
            Statuses(operation, areProblems: false).Should().Equal(documented.SuccessStatuses);
        }

        Codes(operation).Select(static code => code.Code).Should().BeEquivalentTo(documented.ProblemCodes);
        Headers(operation).Should().Equal(documented.Headers);
    }

    [TestCase("/paid", "The request costs 5 credits.")]
    [TestCase("/once", null)]
    [TestCase("/by-size",
        "Draws.\n\nThe price depends on the request. The highest price is reserved, and the request is charged at most that price.")]
    public void The_description_of_a_paid_endpoint_ends_with_its_price(string path, string? description) =>
        ((string?)_document["paths"]![path]!["post"]!["description"]).Should().Be(description);

    [Test]
    public void Each_problem_code_has_its_documented_status()
    {
        var described = Operations().SelectMany(static operation => Codes(operation.Operation)).Distinct().ToArray();
        described.Should().HaveCountGreaterThan(30);
        described.Should().OnlyContain(static code => HttpPage.Statuses[code.Code] == code.Status);
    }

    [Test]
    public void Every_documented_problem_code_belongs_to_an_endpoint()
    {
        var described = Operations().SelectMany(static operation => Codes(operation.Operation)).Select(static code => code.Code).Distinct();
        HttpPage.Statuses.Keys.Should().BeEquivalentTo(described);
    }

    [Test]
    public void Every_problem_response_is_a_problem_document()
    {
        foreach (var (route, operation) in Operations())
        {
            foreach (var (status, response) in operation["responses"]!.AsObject().Where(static response => IsProblem(response.Value!)))
            {
                response!["content"]!.AsObject().Should().ContainKey("application/problem+json", "{0} {1}", route, status);
            }
        }
    }

    private IEnumerable<(string Route, JsonObject Operation)> Operations()
    {
        foreach (var (path, methods) in _document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                var route = $"{method.ToUpperInvariant()} {path}";
                if (path is not ("/sign-in/{user}" or "/by-size"))
                {
                    yield return (HttpPage.OfHost.GetValueOrDefault(route, route), operation!.AsObject());
                }
            }
        }
    }

    private static IEnumerable<int> Statuses(JsonObject operation, bool areProblems) =>
        operation["responses"]!.AsObject().Where(response => IsProblem(response.Value!) == areProblems)
            .Select(static response => int.Parse(response.Key, CultureInfo.InvariantCulture));

    private static IEnumerable<(string Code, int Status)> Codes(JsonObject operation) =>
        from response in operation["responses"]!.AsObject()
        where IsProblem(response.Value!)
        from code in ((string)response.Value!["description"]!)[ProblemCodes.Length..].TrimEnd('.').Split(", ")
        select (code, int.Parse(response.Key, CultureInfo.InvariantCulture));

    private static bool IsProblem(JsonNode response) =>
        ((string)response["description"]!).StartsWith(ProblemCodes, StringComparison.Ordinal);

    private static IEnumerable<string> Headers(JsonObject operation) =>
        operation["parameters"]?.AsArray().Where(static parameter => (string)parameter!["in"]! == "header")
            .Select(static parameter => (string)parameter!["name"]!) ?? [];
}
