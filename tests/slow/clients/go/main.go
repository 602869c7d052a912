// Uses all three services with nothing but the clients that openapi-generator makes.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"clients/certification"
	"clients/enrolment"
	"clients/targets"
)

type given struct {
	Urls       map[string]string                     `json:"urls"`
	Tokens     map[string]string                     `json:"tokens"`
	Plan       string                                `json:"plan"`
	Body       string                                `json:"body"`
	Official   enrolment.ImportOfficialsRequestInner `json:"official"`
	SamePerson enrolment.ImportOfficialsRequestInner `json:"same_person"`
	Sheet      certification.ResultBody              `json:"sheet"`
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func answered[T, R any](value T, _ R, err error) T {
	if err != nil {
		if told, ok := err.(interface{ Body() []byte }); ok {
			panic(err.Error() + ": " + string(told.Body()))
		}
		panic(err)
	}
	return value
}

func content(file *os.File) string {
	defer os.Remove(file.Name())
	return string(must(os.ReadFile(file.Name())))
}

func main() {
	var asked given
	if err := json.Unmarshal(must(io.ReadAll(os.Stdin)), &asked); err != nil {
		panic(err)
	}
	ctx := context.Background()
	enrolmentConfig := enrolment.NewConfiguration()
	enrolmentConfig.Servers = enrolment.ServerConfigurations{{URL: asked.Urls["enrolment"]}}
	enrolmentConfig.AddDefaultHeader("Authorization", "Bearer "+asked.Tokens["enrolment"])
	directory := enrolment.NewAPIClient(enrolmentConfig)
	certificationConfig := certification.NewConfiguration()
	certificationConfig.Servers = certification.ServerConfigurations{{URL: asked.Urls["certification"]}}
	register := certification.NewAPIClient(certificationConfig)
	mayRegister := context.WithValue(ctx, certification.ContextAccessToken, asked.Tokens["certification"])
	targetsConfig := targets.NewConfiguration()
	targetsConfig.Servers = targets.ServerConfigurations{{URL: asked.Urls["targets"]}}
	figures := targets.NewAPIClient(targetsConfig).ProgressAPI
	mayRead := context.WithValue(ctx, targets.ContextAccessToken, asked.Tokens["targets"])

	figure := func() targets.IndicatorProgress {
		progress := answered(figures.ReadProgress(mayRead, asked.Plan).Execute())
		for _, each := range progress.Indicators {
			if each.Id == "I2-2025" {
				return each
			}
		}
		panic("the plan has no I2-2025")
	}

	before := figure()
	rows := func(row enrolment.ImportOfficialsRequestInner) *enrolment.ImportOfficials200Response {
		request := directory.OfficialsAPI.ImportOfficials(ctx)
		return answered(request.ImportOfficialsRequestInner([]enrolment.ImportOfficialsRequestInner{row}).Execute())
	}
	imported := rows(asked.Official)
	read := answered(directory.OfficialsAPI.GetOfficial(ctx, asked.Official.OfficialCode).Execute())
	posting := register.ResultsAPI.PostResult(mayRegister).ResultBody(asked.Sheet).IdempotencyKey("go-1")
	posted := answered(posting.Execute())
	again := answered(posting.Execute())
	certificate := posted.Certificate.Get()
	verified := answered(register.VerificationAPI.VerifyCertificate(ctx, certificate.Serial).Execute())
	claim := certification.HolderClaim{FullName: *certification.NewNullableString(&read.FullName)}
	holder := answered(
		register.VerificationAPI.VerifyCertificateHolder(ctx, certificate.Serial).HolderClaim(claim).Execute())

	after := figure()
	for tries := 0; after.Achieved == before.Achieved && tries < 300; tries++ {
		time.Sleep(100 * time.Millisecond)
		after = figure()
	}
	listed := answered(figures.ListMembers(mayRead, asked.Plan, "I2-2025").
		State(targets.MEMBERSTATE_ACHIEVED).Agency(asked.Body).Limit(500).Execute())
	member := false
	for _, each := range listed.Items {
		member = member || each.OfficialCode == asked.Official.OfficialCode
	}
	workbook := content(answered(figures.ExportProgress(mayRead, asked.Plan, targets.FILEFORM_XLSX).Execute()))
	sheet := content(answered(figures.ExportProgress(mayRead, asked.Plan, targets.FILEFORM_CSV).Execute()))
	template := content(answered(directory.OfficialsAPI.OfficialImportTemplate(ctx).Execute()))

	_, missing, err := figures.ReadProgress(mayRead, "no-such-plan").Execute()
	unknown := err.(*targets.GenericOpenAPIError).Model().(targets.Problem)
	wrong := asked.Sheet
	wrong.ClaimedLevel = *certification.NewNullableInt32(certification.PtrInt32(5))
	_, refusal, err := register.ResultsAPI.PostResult(mayRegister).ResultBody(wrong).Execute()
	refused := err.(*certification.GenericOpenAPIError).Model().(certification.Problem)
	rejected := rows(asked.SamePerson)

	fmt.Println(string(must(json.Marshal(map[string]any{
		"created":  imported.Created,
		"name":     read.FullName,
		"status":   read.Assignments[0].Status,
		"until":    read.Assignments[0].ValidTo.Get(),
		"level":    posted.Level.Get(),
		"overall":  posted.Overall.Get(),
		"repeated": again.Certificate.Get().Serial == certificate.Serial,
		"verified": verified.Status,
		"holder":   holder.HolderName.Get(),
		"gained":   []int32{after.Eligible - before.Eligible, after.Achieved - before.Achieved},
		"member":   member,
		"files": []any{workbook[:2], strings.HasPrefix(sheet, "\ufeff") && strings.Contains(sheet, "I2-2025"),
			template[:2]},
		"unknown":  []any{missing.StatusCode, unknown.Code},
		"refused":  []any{refusal.StatusCode, refused.Code, refused.Errors[0].Pointer},
		"rejected": []any{rejected.Errors[0].Row, rejected.Errors[0].Code},
	}))))
}
